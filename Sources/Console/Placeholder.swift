// arrives with the console
