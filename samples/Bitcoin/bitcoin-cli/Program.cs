using Bitcoin.Cli;
using Bitcoin.Primitives;

Thread.CurrentThread.Name = "main";
Currency.Use(BitcoinCurrency.Instance);
return CliProgram.Run(args);
