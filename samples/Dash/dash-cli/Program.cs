using Bitcoin.Cli;
using Bitcoin.Primitives;
using Dash;

Thread.CurrentThread.Name = "main";
Currency.Use(DashCurrency.Instance);
return CliProgram.Run(args);
