namespace Bitcoin.Wallet.Storage;

/// <summary>
/// What a wallet is. The numbers stand in its file; whoever does not know one of the upper half must not open it.
/// </summary>
[Flags]
internal enum WalletFlags : ulong
{
    None = 0,

    /// <summary>Addresses that were spent from are not used again.</summary>
    AvoidReuse = 1UL << 0,

    /// <summary>Where the keys come from is stored.</summary>
    KeyOriginMetadata = 1UL << 1,

    /// <summary>The key at the last hardened step of each descriptor is stored.</summary>
    LastHardenedCached = 1UL << 2,

    /// <summary>There are no private keys, and never will be.</summary>
    DisablePrivateKeys = 1UL << 32,

    /// <summary>There are no keys yet.</summary>
    Blank = 1UL << 33,

    /// <summary>The keys stand in descriptors.</summary>
    Descriptors = 1UL << 34,

    /// <summary>A device signs.</summary>
    ExternalSigner = 1UL << 35,
}

/// <summary>The flags by name.</summary>
internal static class WalletFlagNames
{
    internal const WalletFlags Mutable = WalletFlags.AvoidReuse;
    internal const WalletFlags Known = WalletFlags.AvoidReuse
        | WalletFlags.KeyOriginMetadata
        | WalletFlags.LastHardenedCached
        | WalletFlags.DisablePrivateKeys
        | WalletFlags.Blank
        | WalletFlags.Descriptors
        | WalletFlags.ExternalSigner;

    internal static IReadOnlyDictionary<string, WalletFlags> ByName { get; } = new Dictionary<string, WalletFlags>(
        StringComparer.Ordinal)
    {
        ["avoid_reuse"] = WalletFlags.AvoidReuse,
        ["blank"] = WalletFlags.Blank,
        ["key_origin_metadata"] = WalletFlags.KeyOriginMetadata,
        ["last_hardened_xpub_cached"] = WalletFlags.LastHardenedCached,
        ["disable_private_keys"] = WalletFlags.DisablePrivateKeys,
        ["descriptor_wallet"] = WalletFlags.Descriptors,
        ["external_signer"] = WalletFlags.ExternalSigner,
    };

    /// <summary>The names of what is set, from the lowest.</summary>
    internal static IEnumerable<string> Of(WalletFlags flags)
    {
        for (int i = 0; i < 64; i++)
        {
            WalletFlags flag = (WalletFlags)(1UL << i);
            if ((flags & flag) != 0)
            {
                yield return ByName.FirstOrDefault(pair => pair.Value == flag).Key ?? $"unknown_flag_{i}";
            }
        }
    }
}
