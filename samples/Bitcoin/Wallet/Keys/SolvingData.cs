using Bitcoin.Descriptors;
using NBitcoin;

namespace Bitcoin.Wallet.Keys;

/// <summary>
/// The data needed to spend outputs, except signatures: keys, their origins, and the scripts of hashes.
/// </summary>
internal sealed class SolvingData
{
    private readonly Dictionary<KeyId, PubKey> _keys = [];
    private readonly Dictionary<string, PubKey> _xOnly = new(StringComparer.Ordinal);
    private readonly Dictionary<Script, Script> _scripts = [];
    private readonly Dictionary<Script, TaprootSpending> _taproot = [];
    private readonly Dictionary<PubKey, RootedKeyPath> _origins = [];
    private readonly Dictionary<PubKey, Key> _secrets = [];
    private readonly Dictionary<PubKey, PubKey[]> _aggregates = [];
    private readonly Dictionary<string, RootedKeyPath> _told = [];

    internal IEnumerable<PubKey> Keys => _keys.Values;

    internal void Add(PubKey key, RootedKeyPath? origin = null, Key? secret = null)
    {
        _keys[key.Hash] = key;
        _xOnly[XOnly(key)] = key;
        if (origin is not null)
        {
            _origins[key] = origin;
        }

        if (secret is not null)
        {
            _secrets[key] = secret;
        }
    }

    /// <summary>The aggregated keys, each with the keys that it is made of.</summary>
    internal IEnumerable<(PubKey Aggregate, PubKey[] Participants)> Aggregates
        => _aggregates.Select(static pair => (pair.Key, pair.Value));

    internal void AddAggregate(PubKey aggregate, PubKey[] participants) => _aggregates[aggregate] = participants;

    /// <summary>Adds the origin of a key in 32 bytes, as others tell it.</summary>
    internal void AddTold(byte[] xOnly, RootedKeyPath origin) => _told[Convert.ToHexStringLower(xOnly)] = origin;

    /// <summary>The origin of a key in 32 bytes; null if it is not known.</summary>
    internal RootedKeyPath? OriginOf(byte[] xOnly)
        => Key(xOnly) is { } key && Origin(key) is { } own
            ? own
            : _told.GetValueOrDefault(Convert.ToHexStringLower(xOnly));

    /// <summary>Adds a script whose hash is in an output or in another script.</summary>
    internal void Add(Script script)
    {
        _scripts[script.Hash.ScriptPubKey] = script;
        _scripts[script.WitHash.ScriptPubKey] = script;
    }

    internal void Add(Script output, TaprootSpending spending) => _taproot[output] = spending;

    internal void Merge(SolvingData other)
    {
        foreach ((KeyId id, PubKey key) in other._keys)
        {
            _keys[id] = key;
            _xOnly[XOnly(key)] = key;
        }

        Copy(other._scripts, _scripts);
        Copy(other._taproot, _taproot);
        Copy(other._origins, _origins);
        Copy(other._secrets, _secrets);
        Copy(other._aggregates, _aggregates);
        Copy(other._told, _told);
    }

    internal PubKey? Key(KeyId id) => _keys.GetValueOrDefault(id);

    internal PubKey? Key(ReadOnlySpan<byte> xOnly) => _xOnly.GetValueOrDefault(Convert.ToHexStringLower(xOnly));

    internal Script? Inner(Script hashed) => _scripts.GetValueOrDefault(hashed);

    internal TaprootSpending? Taproot(Script output) => _taproot.GetValueOrDefault(output);

    internal RootedKeyPath? Origin(PubKey key) => _origins.GetValueOrDefault(key);

    internal Key? Secret(PubKey key) => _secrets.GetValueOrDefault(key);

    /// <summary>A copy without private keys.</summary>
    internal SolvingData WithoutSecrets()
    {
        SolvingData copy = new();
        copy.Merge(this);
        copy._secrets.Clear();
        return copy;
    }

    internal static string XOnly(PubKey key) => Convert.ToHexStringLower(key.ToBytes().AsSpan(1, 32));

    private static void Copy<TKey, TValue>(Dictionary<TKey, TValue> from, Dictionary<TKey, TValue> to)
        where TKey : notnull
    {
        foreach ((TKey key, TValue value) in from)
        {
            to[key] = value;
        }
    }
}
