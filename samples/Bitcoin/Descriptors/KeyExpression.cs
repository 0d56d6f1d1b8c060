using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Descriptors;

/// <summary>
/// A key in a descriptor: public or private, single or derived along a path, with or without its origin.
/// </summary>
public sealed partial class KeyExpression
{
    private const uint Hardened = 0x80000000;

    private readonly string _origin;
    private readonly PubKey? _single;
    private readonly Key? _secret;
    private readonly ExtPubKey? _extended;
    private readonly ExtKey? _extendedSecret;
    private readonly uint[] _path;
    private readonly string _pathText;
    private readonly Wildcard _wildcard;
    private readonly NetworkParameters _network;

    // All keys of a range share every step but the last. Each key is asked for several times in a row: for its script,
    // for the inner scripts, for its text. A step costs a multiplication on the curve.
    private readonly Lazy<ExtKey?> _secretParent;
    private readonly Lazy<ExtPubKey?> _parent;
    private volatile Derived? _last;

    // Keys that a wallet stores, so that it can make addresses without the private key. A wallet uses its descriptors
    // under its gate.
    private readonly Dictionary<uint, ExtPubKey> _cached = [];
    private ExtPubKey? _knownParent;
    private ExtPubKey? _lastHardened;

    private KeyExpression(
        string origin,
        PubKey? single,
        Key? secret,
        ExtPubKey? extended,
        ExtKey? extendedSecret,
        uint[] path,
        string pathText,
        Wildcard wildcard,
        bool isXOnly,
        NetworkParameters network)
    {
        _origin = origin;
        _single = single;
        _secret = secret;
        _extended = extended;
        _extendedSecret = extendedSecret;
        _path = path;
        _pathText = pathText;
        _wildcard = wildcard;
        IsXOnly = isXOnly;
        _network = network;
        Participants = [];
        _secretParent = new Lazy<ExtKey?>(
            () => _extendedSecret is null ? null : _path.Aggregate(
                _extendedSecret, static (key, step) => key.Derive(step)));
        _parent = new Lazy<ExtPubKey?>(() => _extendedSecret is not null ? _secretParent.Value!.Neuter()
            : _extended is null || _path.Any(IsHardened) ? null
            : _path.Aggregate(_extended, static (key, step) => key.Derive(step)));
    }

    private enum Wildcard
    {
        None,
        Plain,
        Hard,
    }

    /// <summary>Whether it stands for many keys, by index.</summary>
    public bool IsRange => _wildcard != Wildcard.None || Participants.Any(static key => key.IsRange);

    /// <summary>Whether it contains a private key.</summary>
    public bool HasPrivateKey => IsAggregate
        ? Participants.All(static key => key.HasPrivateKey)
        : _secret is not null || _extendedSecret is not null;

    /// <summary>Whether the key was given without its sign (x-only).</summary>
    public bool IsXOnly { get; }

    /// <summary>Whether the key has 33 bytes.</summary>
    public bool IsCompressed => _single?.IsCompressed ?? true;

    /// <summary>Parses a key expression.</summary>
    public static bool TryParse(
        string text,
        NetworkParameters network,
        bool allowsXOnly,
        bool allowsUncompressed,
        [NotNullWhen(true)] out KeyExpression? key,
        out string error)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.StartsWith(AggregateStart, StringComparison.Ordinal))
        {
            return TryAggregate(text, network, allowsXOnly, out key, out error);
        }

        key = null;
        string origin = "";
        if (text.StartsWith('['))
        {
            int end = text.IndexOf(']', StringComparison.Ordinal);
            if (end < 0 || text.LastIndexOf(']') != end)
            {
                error = end < 0
                    ? "Key origin start '[ character expected but not found, got '[' instead"
                    : "Multiple ']' characters found for a single pubkey";
                return false;
            }

            origin = text[..(end + 1)];
            text = text[(end + 1)..];
            string[] parts = origin[1..^1].Split('/');
            if (parts[0].Length != 8)
            {
                error = $"Fingerprint is not 4 bytes ({parts[0].Length} characters instead of 8 characters)";
                return false;
            }

            if (!parts[0].All(char.IsAsciiHexDigit))
            {
                error = $"Fingerprint '{parts[0]}' is not hex";
                return false;
            }

            if (!TryPath(parts[1..], out _, out error))
            {
                return false;
            }
        }
        else if (text.Contains(']', StringComparison.Ordinal))
        {
            error = $"Key origin start '[ character expected but not found, got '{text[0]}' instead";
            return false;
        }

        return TryParseKey(origin, text, network, allowsXOnly, allowsUncompressed, out key, out error);
    }

    /// <summary>The key at an index of the range; null if it cannot be derived without the private key.</summary>
    public PubKey? Derive(uint index)
    {
        if (_single is not null)
        {
            return _single;
        }

        if (_last is { } last && last.Index == index)
        {
            return last.Key;
        }

        PubKey? key = _wildcard switch
        {
            _ when IsAggregate => DeriveAggregate(index),
            Wildcard.None => Parent?.PubKey,
            Wildcard.Plain => Parent?.Derive(index).PubKey,
            _ when _cached.TryGetValue(index, out ExtPubKey? cached) => cached.PubKey,
            _ => _secretParent.Value?.Derive(index | Hardened).GetPublicKey(),
        };
        _last = key is null ? null : new Derived(index, key);
        return key;
    }

    /// <summary>The private key at an index of the range; null if it is not known.</summary>
    public Key? DeriveSecret(uint index) => _secret ?? _wildcard switch
    {
        Wildcard.None => _secretParent.Value?.PrivateKey,
        Wildcard.Plain => _secretParent.Value?.Derive(index).PrivateKey,
        _ => _secretParent.Value?.Derive(index | Hardened).PrivateKey,
    };

    /// <summary>
    /// The origin of the key at an index of the range: the fingerprint of the first named key, and the path from there.
    /// </summary>
    public RootedKeyPath Origin(uint index)
    {
        uint[] path = _single is null ? PathOf(index) : [];
        if (_origin.Length > 0)
        {
            string[] parts = _origin[1..^1].Split('/');
            _ = TryPath(parts[1..], out uint[] before, out _);
            return new RootedKeyPath(HDFingerprint.Parse(parts[0]), new KeyPath([.. before, .. path]));
        }

        HDFingerprint own = IsAggregate ? Aggregate(index)!.GetHDFingerPrint()
            : _single is not null
            ? _single.GetHDFingerPrint()
            : (_extended ?? _extendedSecret!.Neuter()).PubKey.GetHDFingerPrint();
        return new RootedKeyPath(own, new KeyPath(path));
    }

    /// <summary>The key at an index of the range, after its origin.</summary>
    internal string TextAt(uint index, bool isXOnly)
    {
        RootedKeyPath origin = Origin(index);
        string path = string.Concat(
            origin.KeyPath.Indexes.Select(static step => $"/{step & ~Hardened}{(IsHardened(step) ? "h" : "")}"));
        string key = Derive(index)?.ToHex()
            ?? throw new InvalidOperationException("Cannot derive script without private keys");
        return $"[{origin.MasterFingerprint}{path}]{(isXOnly ? key[2..] : key)}";
    }

    /// <summary>The text without private keys.</summary>
    public string ToPublicText()
    {
        if (IsAggregate)
        {
            return AggregateText(static key => key.ToPublicText());
        }

        string body = _single is not null ? (IsXOnly ? _single.ToHex()[2..] : _single.ToHex())
            : (_extended ?? _extendedSecret!.Neuter()).ToString(_network.Network);
        return _origin + body + _pathText;
    }

    /// <summary>The key itself, before its path.</summary>
    /// <summary>The extended key itself, before its path; null for a single key.</summary>
    public ExtPubKey? RootExtended => _extended ?? _extendedSecret?.Neuter();

    /// <summary>The private key of <see cref="Root"/>; null if the text does not contain it.</summary>
    public Key? RootSecret => _secret ?? _extendedSecret?.PrivateKey;

    /// <summary>Whether the last step of the path is a hardened wildcard.</summary>
    public bool IsHardRange => _wildcard == Wildcard.Hard;

    /// <summary>Whether a step of the path is hardened and needs the private key.</summary>
    public bool NeedsSecret => IsHardRange
        || _path.Any(static step => (step & Hardened) != 0)
        || Participants.Any(static key => key.NeedsSecret);

    /// <summary>The parent of the last step; null if it is not known without the private key.</summary>
    public ExtPubKey? Parent => IsAggregate ? AggregateParent
        : _single is null && !IsHardRange ? _knownParent ?? _parent.Value : null;

    /// <summary>The key after the last hardened step; null if there is no such step, or the key is not known.</summary>
    public ExtPubKey? LastHardened
    {
        get
        {
            int last = Array.FindLastIndex(_path, static step => (step & Hardened) != 0);
            return last < 0 || IsHardRange || IsAggregate ? null : _lastHardened ??= DerivePublic(_path[..(last + 1)]);
        }
    }

    /// <summary>Stores keys that were derived before.</summary>
    /// <param name="parent">See <see cref="Parent"/>.</param>
    /// <param name="lastHardened">See <see cref="LastHardened"/>.</param>
    public void Remember(ExtPubKey? parent, ExtPubKey? lastHardened)
    {
        _knownParent = parent ?? _knownParent;
        _lastHardened = lastHardened ?? _lastHardened;
    }

    /// <summary>Stores a key of a hardened range.</summary>
    public void Remember(uint index, ExtPubKey derived) => _cached[index] = derived;

    /// <summary>Derives the keys that need the private key, and stores them.</summary>
    /// <param name="index">The index in the range.</param>
    /// <param name="parents">The private keys above the last step.</param>
    /// <returns>The key at the index; null if the private key is not known.</returns>
    public ExtPubKey? DeriveHardened(uint index, SecretParents parents)
    {
        ArgumentNullException.ThrowIfNull(parents);
        if (_cached.TryGetValue(index, out ExtPubKey? known))
        {
            return known;
        }

        if (parents.Of(this) is not { } parent)
        {
            return null;
        }

        return IsHardRange
            ? _cached[index] = parent.Derive(index | Hardened).Neuter()
            : _knownParent = parent.Neuter();
    }

    /// <summary>
    /// The private key above the last step, from a root key that is stored elsewhere; null if it is not known. Stores
    /// the public keys on the way that <see cref="LastHardened"/> needs.
    /// </summary>
    internal ExtKey? SecretParent(Func<PubKey, Key?> find)
    {
        if (RootWith(find) is not { } key)
        {
            return null;
        }

        foreach (uint step in _path)
        {
            key = key.Derive(step);
            if (IsHardened(step))
            {
                _lastHardened = key.Neuter();
            }
        }

        return key;
    }

    /// <summary>
    /// The private key at an index of the range, from a root key that is stored elsewhere; null if it is not known.
    /// </summary>
    public Key? DeriveSecret(uint index, Func<PubKey, Key?> find)
    {
        ArgumentNullException.ThrowIfNull(find);
        return _single is not null
            ? _secret ?? find(_single)
            : RootWith(find) is { } root
            ? PathOf(index).Aggregate(root, static (key, step) => key.Derive(step)).PrivateKey
            : null;
    }

    /// <summary>
    /// The extended private key, from a root key that is stored elsewhere; null if it is not known, or for a single
    /// key.
    /// </summary>
    public ExtKey? RootWith(Func<PubKey, Key?> find)
    {
        ArgumentNullException.ThrowIfNull(find);
        return _extendedSecret
            ?? (_extended is not null && find(_extended.PubKey) is { } secret ? new ExtKey(_extended, secret) : null);
    }

    /// <summary>The text with the private key if it is known, otherwise with the public key.</summary>
    public string ToPrivateText(Func<PubKey, Key?> find, out bool isComplete)
    {
        ArgumentNullException.ThrowIfNull(find);
        if (IsAggregate)
        {
            bool any = false;
            string text = AggregateText(key =>
            {
                string one = key.ToPrivateText(find, out bool hasSecret);
                any |= hasSecret;
                return one;
            });
            isComplete = any;
            return text;
        }

        string? body = _single is not null
            ? (_secret ?? find(_single))?.GetWif(_network.Network).ToString()
            : RootWith(find)?.ToString(_network.Network);
        isComplete = body is not null;
        return body is null ? ToPublicText() : _origin + body + _pathText;
    }

    /// <summary>
    /// The text with the hardened steps moved into the origin, so that it can be used without the private key.
    /// </summary>
    public string ToNormalizedText()
    {
        if (IsAggregate)
        {
            return AggregateText(static key => key.ToNormalizedText());
        }

        int last = Array.FindLastIndex(_path, static step => (step & Hardened) != 0);
        if (_single is not null || IsHardRange || last < 0 || LastHardened is not { } hardened)
        {
            // No key has an apostrophe in its text.
            return ToPublicText().Replace('\'', 'h');
        }

        string before = _origin.Length > 0
            ? _origin[1..^1].Replace('\'', 'h')
            : RootExtended!.PubKey.GetHDFingerPrint().ToString();
        string after = string.Concat(_path[(last + 1)..].Select(static step => $"/{step}"));
        return
            $"[{before}{TextOf(_path[..(last + 1)])}]{hardened.ToString(_network.Network)}{after}{(IsRange ? "/*" : "")}";
    }

    /// <summary>The text that identifies a descriptor in a wallet's file: with apostrophes.</summary>
    public string ToCompatibleText()
    {
        if (IsAggregate)
        {
            return AggregateText(static key => key.ToCompatibleText());
        }

        string text = ToPublicText();
        int body = _origin.Length;
        int path = text.Length - _pathText.Length;
        return _single is not null
            ? _origin.Replace('h', '\'') + text[body..]
            : _origin.Replace('h', '\'') + text[body..path] + _pathText.Replace('h', '\'');
    }

    private static string TextOf(uint[] path)
        => string.Concat(path.Select(static step => $"/{step & ~Hardened}{((step & Hardened) != 0 ? "h" : "")}"));

    private ExtPubKey? DerivePublic(uint[] path)
    {
        if (_extendedSecret is not null)
        {
            return path.Aggregate(_extendedSecret, static (key, step) => key.Derive(step)).Neuter();
        }

        return path.Any(static step => (step & Hardened) != 0)
            ? null
            : path.Aggregate(_extended!, static (key, step) => key.Derive(step));
    }

    private uint[] PathOf(uint index) => _wildcard switch
    {
        Wildcard.Plain => [.. _path, index],
        Wildcard.Hard => [.. _path, index | Hardened],
        _ => _path,
    };

    private static bool TryParseKey(
        string origin,
        string text,
        NetworkParameters network,
        bool allowsXOnly,
        bool allowsUncompressed,
        [NotNullWhen(true)] out KeyExpression? key,
        out string error)
    {
        key = null;
        error = "";
        string[] parts = text.Split('/');
        string body = parts[0];
        if (body != body.Trim())
        {
            error = $"Key '{body}' is invalid due to whitespace";
            return false;
        }

        if (body.Length == 0)
        {
            error = "No key provided";
            return false;
        }

        if (parts.Length == 1 && body.All(char.IsAsciiHexDigit) && body.Length is 66 or 130 or 64)
        {
            bool isXOnly = body.Length == 64;
            string hex = isXOnly ? "02" + body : body;
            if ((isXOnly && !allowsXOnly) || !PubKey.TryCreatePubKey(Convert.FromHexString(hex), out PubKey? single))
            {
                error = $"Pubkey '{body}' is invalid";
                return false;
            }

            if (!single.IsCompressed && !allowsUncompressed)
            {
                error = "Uncompressed keys are not allowed";
                return false;
            }

            key = new KeyExpression(origin, single, null, null, null, [], "", Wildcard.None, isXOnly, network);
            return true;
        }

        if (parts.Length == 1 && Try(() => new BitcoinSecret(body, network.Network)) is { } secret)
        {
            if (!secret.PubKey.IsCompressed && !allowsUncompressed)
            {
                error = "Uncompressed keys are not allowed";
                return false;
            }

            key = new KeyExpression(
                origin, secret.PubKey, secret.PrivateKey, null, null, [], "", Wildcard.None, false, network);
            return true;
        }

        Wildcard wildcard = parts[^1] switch
        {
            "*" when parts.Length > 1 => Wildcard.Plain,
            "*'" or "*h" when parts.Length > 1 => Wildcard.Hard,
            _ => Wildcard.None
        };
        ExtKey? extendedSecret = Try(() => ExtKey.Parse(body, network.Network));
        ExtPubKey? extended = extendedSecret is null ? Try(() => ExtPubKey.Parse(body, network.Network)) : null;
        if (extended is null && extendedSecret is null)
        {
            error = $"key '{body}' is not valid";
            return false;
        }

        if (!TryPath(wildcard == Wildcard.None ? parts[1..] : parts[1..^1], out uint[] path, out error))
        {
            return false;
        }

        key = new KeyExpression(
            origin, null, null, extended, extendedSecret, path, text[body.Length..], wildcard, false, network);
        return true;
    }

    private static bool TryPath(string[] steps, out uint[] path, out string error)
    {
        path = new uint[steps.Length];
        error = "";
        for (int i = 0; i < steps.Length; i++)
        {
            bool isHard = steps[i].EndsWith('\'') || steps[i].EndsWith('h');
            string number = isHard ? steps[i][..^1] : steps[i];
            if (!uint.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out uint step))
            {
                error = $"Key path value '{number}' is not a valid uint32";
                return false;
            }

            if (step >= Hardened)
            {
                error = $"Key path value {step} is out of range";
                return false;
            }

            path[i] = isHard ? step | Hardened : step;
        }

        return true;
    }

    private static bool IsHardened(uint step) => (step & Hardened) != 0;

    private sealed record Derived(uint Index, PubKey? Key);

    private static T? Try<T>(Func<T> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException or NotSupportedException)
        {
            return null;
        }
    }
}
