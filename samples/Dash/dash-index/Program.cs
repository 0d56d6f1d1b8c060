using Bitcoin.IndexHost;
using Bitcoin.Primitives;
using Dash;

Currency.Use(DashCurrency.Instance);
return IndexProcess.Run(args);
