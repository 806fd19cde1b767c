"""Between the server and the application: requests in threads, connections, answers that are given again."""
