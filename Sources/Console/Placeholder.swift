// The floor's first file arrives with its first type.
