"""Models that somebody else logged with `mlflow.transformers.log_model`: BERT and ELECTRA sequence classification.

artifact: what of the folder may be read. meaning: their labels in ours. classifier: scores and, by occlusion, spans.
"""
