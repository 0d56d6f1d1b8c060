using Bitcoin.Primitives;
using Bitcoin.Wallet.Storage;
using NBitcoin;

namespace Bitcoin.Wallet.Keys;

/// <summary>An address in the address book.</summary>
internal sealed class AddressEntry
{
    /// <summary>The label; null for change, and for an address that is only known to be spent.</summary>
    internal string? Label { get; set; }

    /// <summary>"send", "receive" or "refund"; null if unknown.</summary>
    internal string? Purpose { get; set; }

    internal bool WasSpentFrom { get; set; }

    internal SortedDictionary<string, string> Requests { get; } = new(StringComparer.Ordinal);

    internal bool IsChange => Label is null;
}

/// <summary>
/// The labeled addresses of a wallet, and the addresses of others that it has paid. Used under the wallet's gate.
/// </summary>
internal sealed class AddressBook(WalletRecords records, NetworkParameters network)
{
    internal const string Receive = "receive";
    internal const string Send = "send";

    private const string Used = "used";
    private const string RequestPrefix = "rr";

    // By output script, in Bitcoin Core's order of addresses: by kind, then by bytes.
    private readonly SortedDictionary<Script, AddressEntry> _entries = new(Comparer<Script>.Create(Compare));

    internal IEnumerable<KeyValuePair<Script, AddressEntry>> Entries => _entries;

    internal int Count => _entries.Values.Count(static entry => !entry.IsChange);

    internal AddressEntry? Find(Script script, bool allowsChange = false)
    {
        return _entries.TryGetValue(script, out AddressEntry? entry) && (allowsChange || !entry.IsChange)
            ? entry
            : null;
    }

    internal void Load()
    {
        foreach ((string address, string label) in records.Texts("name"))
        {
            if (Entry(address) is { } entry)
            {
                entry.Label = label;
            }
        }

        foreach ((string address, string purpose) in records.Texts("purpose"))
        {
            if (Entry(address) is { } entry)
            {
                entry.Purpose = purpose is Send or Receive or "refund" ? purpose : null;
            }
        }

        foreach ((string address, string name, string value) in records.AddressData())
        {
            if (Entry(address) is not { } entry)
            {
                continue;
            }

            if (name == Used)
            {
                entry.WasSpentFrom = true;
            }
            else if (name.StartsWith(RequestPrefix, StringComparison.Ordinal))
            {
                entry.Requests[name[RequestPrefix.Length..]] = value;
            }
        }
    }

    internal void Set(Script script, string label, string? purpose)
    {
        string address = Address.Format(script, network)
            ?? throw new InvalidOperationException("A label needs an address.");
        records.Database.InTransaction(() =>
        {
            if (purpose is not null)
            {
                records.WritePurpose(address, purpose);
            }

            records.WriteName(address, label);
        });
        AddressEntry entry = Entry(script);
        entry.Label = label;
        entry.Purpose = purpose ?? entry.Purpose;
    }

    internal void Remove(Script script)
    {
        records.EraseAddress(Address.Format(script, network)!);
        _entries.Remove(script);
    }

    internal bool WasSpentFrom(Script script)
        => _entries.TryGetValue(script, out AddressEntry? entry) && entry.WasSpentFrom;

    internal void SetSpentFrom(Script script)
    {
        if (Address.Format(script, network) is { } address && !WasSpentFrom(script))
        {
            records.WriteAddressData(address, Used, "1");
            Entry(script).WasSpentFrom = true;
        }
    }

    private static int Compare(Script? left, Script? right)
    {
        int kinds = Order(ScriptKinds.Of(left!)).CompareTo(Order(ScriptKinds.Of(right!)));
        return kinds != 0
            ? kinds
            : left!.ToBytes(@unsafe: true).AsSpan().SequenceCompareTo(right!.ToBytes(@unsafe: true));
    }

    private static int Order(ScriptKind kind) => kind switch
    {
        ScriptKind.PublicKeyHash => 1,
        ScriptKind.ScriptHash => 2,
        ScriptKind.WitnessScriptHash => 3,
        ScriptKind.WitnessKeyHash => 4,
        ScriptKind.Taproot => 5,
        _ => 6,
    };

    private AddressEntry? Entry(string address)
        => Address.TryParse(address, network, out Script? script) ? Entry(script) : null;

    private AddressEntry Entry(Script script)
    {
        if (!_entries.TryGetValue(script, out AddressEntry? entry))
        {
            _entries[script] = entry = new AddressEntry();
        }

        return entry;
    }
}
