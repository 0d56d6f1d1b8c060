namespace Bitcoin.Chain;

/// <summary>There are coins, and no index of the blocks they are of.</summary>
public sealed class DamagedIndexException() : IOException("Error initializing block database.");
