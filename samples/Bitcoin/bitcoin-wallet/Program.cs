using Bitcoin.Primitives;
using Bitcoin.WalletHost;

Currency.Use(BitcoinCurrency.Instance);
return WalletProcess.Run(args);
