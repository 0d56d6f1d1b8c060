using Bitcoin.Primitives;
using Bitcoin.QtHost;

Currency.Use(BitcoinCurrency.Instance);
return QtProcess.Run(args);
