using Bitcoin.NodeHost;
using Bitcoin.Primitives;

Currency.Use(BitcoinCurrency.Instance);
return NodeProcess.Run(args);
