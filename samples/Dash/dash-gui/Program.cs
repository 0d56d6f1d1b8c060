using Bitcoin.GuiHost;
using Bitcoin.Primitives;
using Dash;

Currency.Use(DashCurrency.Instance);
return GuiProcess.Run(args);
