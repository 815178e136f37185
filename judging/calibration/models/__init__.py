"""The statistical models: one module or package a model, none importing another."""
