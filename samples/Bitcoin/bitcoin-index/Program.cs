using Bitcoin.IndexHost;
using Bitcoin.Primitives;

Currency.Use(BitcoinCurrency.Instance);
return IndexProcess.Run(args);
