"""What must hold of forecasts and explained variances."""
