using Bitcoin.Primitives;
using Bitcoin.Single;
using Dash;

Currency.Use(DashCurrency.Instance);
return DaemonHost.Run(args);
