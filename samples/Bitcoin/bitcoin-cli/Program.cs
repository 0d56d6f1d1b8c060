using Bitcoin.Cli;

Thread.CurrentThread.Name = "main";
return CliProgram.Run(args);
