using System.Diagnostics.CodeAnalysis;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Descriptors;

// musig(): a key that stands for several (BIP390).
public sealed partial class KeyExpression
{
    private const string AggregateStart = "musig(";

    // An aggregation costs a multiplication for each participant.
    private ExtPubKey? _aggregateParent;

    private KeyExpression(
        IReadOnlyList<KeyExpression> participants,
        uint[] path,
        string pathText,
        Wildcard wildcard,
        NetworkParameters network)
        : this("", null, null, null, null, path, pathText, wildcard, isXOnly: false, network)
    {
        Participants = participants;
    }

    /// <summary>The keys that this one is made of; none for an ordinary key.</summary>
    public IReadOnlyList<KeyExpression> Participants { get; private init; }

    /// <summary>Whether this key is made of others.</summary>
    public bool IsAggregate => Participants.Count > 0;

    /// <summary>The keys that it is made of, and itself, in the order of their numbers in a wallet's file.</summary>
    internal IEnumerable<KeyExpression> WithParticipants => [.. Participants, this];

    private bool HasDerivation => _path.Length > 0 || _wildcard != Wildcard.None;

    private ExtPubKey? AggregateParent
    {
        get
        {
            if (_aggregateParent is null && HasDerivation && Aggregate(0) is { } aggregate)
            {
                _aggregateParent = _path.Aggregate(
                    MusigKeys.Extend(aggregate), static (key, step) => key.Derive(step));
            }

            return _aggregateParent;
        }
    }

    /// <summary>The participants' keys at an index, in their order; null if one cannot be derived.</summary>
    public PubKey[]? ParticipantKeys(uint index)
    {
        PubKey?[] keys = [.. Participants.Select(key => key.Derive(index))];
        return Array.Exists(keys, static key => key is null) ? null : MusigKeys.Sort(keys!);
    }

    /// <summary>The aggregated key at an index, before its path; null if a participant's cannot be derived.</summary>
    public PubKey? Aggregate(uint index)
        => ParticipantKeys(index) is { } participants ? MusigKeys.Aggregate(participants) : null;

    private PubKey? DeriveAggregate(uint index) => !HasDerivation ? Aggregate(index)
        : _wildcard == Wildcard.None ? AggregateParent?.PubKey
        : AggregateParent?.Derive(index).PubKey;

    private string AggregateText(Func<KeyExpression, string> textOf)
        => $"{AggregateStart}{string.Join(',', Participants.Select(textOf))}){_pathText}";

    private static bool TryAggregate(
        string text,
        NetworkParameters network,
        bool isAllowed,
        [NotNullWhen(true)] out KeyExpression? key,
        out string error)
    {
        key = null;
        int end = text.IndexOf(')', StringComparison.Ordinal);
        string rest = end < 0 ? "" : text[(end + 1)..];
        error = !isAllowed ? "musig() is only allowed in tr() and rawtr()"
            : rest.Contains(')', StringComparison.Ordinal) ? "Too many ')' in musig() expression"
            : end < 0 ? "Invalid musig() expression"
            : end == AggregateStart.Length ? "musig(): Must contain key expressions"
            : "";
        if (error.Length > 0)
        {
            return false;
        }

        List<KeyExpression> participants = [];
        foreach (string word in text[AggregateStart.Length..end].Split(','))
        {
            if (!TryParse(
                word,
                network,
                allowsXOnly: false,
                allowsUncompressed: false,
                out KeyExpression? participant,
                out string wrong))
            {
                error = $"musig(): {wrong}";
                return false;
            }

            participants.Add(participant);
        }

        string[] steps = rest.Split('/')[1..];
        Wildcard wildcard = steps.LastOrDefault() switch
        {
            "*" => Wildcard.Plain,
            "*'" or "*h" => Wildcard.Hard,
            _ => Wildcard.None,
        };
        if (!TryPath(wildcard == Wildcard.None ? steps : steps[..^1], out uint[] path, out error))
        {
            error = $"musig(): {error}";
            return false;
        }

        error = rest.Length == 0 ? ""
            : rest[0] != '/' ? "Invalid musig() expression"
            : participants.Exists(static one => one.RootExtended is null)
                ? "musig(): derivation requires all participants to be xpubs or xprvs"
            : participants.Exists(static one => one.IsRange)
                ? "musig(): Cannot have ranged participant keys if musig() also has derivation"
            : wildcard == Wildcard.Hard ? "musig(): Cannot have hardened child derivation"
            : path.Any(IsHardened) ? "musig(): cannot have hardened derivation steps"
            : "";
        if (error.Length > 0)
        {
            return false;
        }

        key = new KeyExpression(participants, path, rest, wildcard, network);
        return true;
    }
}
