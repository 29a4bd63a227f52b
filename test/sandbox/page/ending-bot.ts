// Stands in for a bot that ends as soon as it is started.

process.exit(1);
