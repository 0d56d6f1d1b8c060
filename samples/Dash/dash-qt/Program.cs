using Bitcoin.Primitives;
using Bitcoin.QtHost;
using Dash;

Currency.Use(DashCurrency.Instance);
return QtProcess.Run(args);
