using Bitcoin.GuiHost;
using Bitcoin.Primitives;

Currency.Use(BitcoinCurrency.Instance);
return GuiProcess.Run(args);
