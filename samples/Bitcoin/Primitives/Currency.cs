namespace Bitcoin.Primitives;

/// <summary>The currency of this process. Bitcoin, unless the program's first statement chose another.</summary>
public static class Currency
{
    /// <summary>The currency.</summary>
    public static ICurrency Current { get; private set; } = BitcoinCurrency.Instance;

    /// <summary>Its names.</summary>
    public static CurrencyNames Names => Current.Names;

    /// <summary>The main network.</summary>
    public static NetworkParameters Main => Current.Networks[0];

    /// <summary>Chooses the currency: once, before anything else, because others keep what they read.</summary>
    public static void Use(ICurrency currency) => Current = currency;

    /// <summary>The network of a name; null if there is none.</summary>
    public static NetworkParameters? Find(string name)
        => Current.Networks.FirstOrDefault(network => network.Name == name);
}
