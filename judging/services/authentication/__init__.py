"""Who is signed in, and by what: links, passwords, second factors, single sign-on, sessions."""
