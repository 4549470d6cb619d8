"""What is deployed: the proxy's table, compose, images, manifests, alert rules, dashboards, runbooks."""
