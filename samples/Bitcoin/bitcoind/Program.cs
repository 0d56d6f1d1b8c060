using Bitcoin.Primitives;
using Bitcoin.Single;

Currency.Use(BitcoinCurrency.Instance);
return DaemonHost.Run(args);
