using Bitcoin.NodeHost;
using Bitcoin.Primitives;
using Dash;

Currency.Use(DashCurrency.Instance);
return NodeProcess.Run(args);
