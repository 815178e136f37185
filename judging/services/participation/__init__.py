"""Who takes part: judges who leave, are replaced and come back, proposals that are withdrawn and put back."""
