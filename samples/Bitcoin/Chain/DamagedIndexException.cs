namespace Bitcoin.Chain;

/// <summary>There are coins, but no index of their blocks.</summary>
public sealed class DamagedIndexException() : IOException("Error initializing block database.");
