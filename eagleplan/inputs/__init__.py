"""Files to model: the only room that parses. Every reader reports all problems of a file in one
`InputError`."""
