"""The statistical models: one package a model, none importing another, each with the function that fits it."""
