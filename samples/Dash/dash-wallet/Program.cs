using Bitcoin.Primitives;
using Bitcoin.WalletHost;
using Dash;

Currency.Use(DashCurrency.Instance);
return WalletProcess.Run(args);
