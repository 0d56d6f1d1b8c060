using System.Diagnostics.CodeAnalysis;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Descriptors;

/// <summary>A description of output scripts. NBitcoin's own descriptors are only those of BIP388.</summary>
public abstract class Descriptor
{
    /// <summary>Whether it describes many scripts, by index.</summary>
    public virtual bool IsRange => Keys.Any(static key => key.IsRange);

    /// <summary>Whether, given the private keys, its scripts can be spent.</summary>
    public virtual bool IsSolvable => true;

    /// <summary>Whether it only keeps a key, and describes no script.</summary>
    public virtual bool IsUnused => false;

    /// <summary>What is allowed in it but does not do what it seems to, in Bitcoin Core's words.</summary>
    public virtual IEnumerable<string> Warnings => [];

    /// <summary>Whether it contains a private key.</summary>
    public bool HasPrivateKeys => Keys.Any(static key => key.HasPrivateKey);

    /// <summary>The keys in it.</summary>
    public abstract IEnumerable<KeyExpression> Keys { get; }

    /// <summary>Parses a descriptor whose keys have one path each.</summary>
    /// <param name="text">The text.</param>
    /// <param name="network">The network of its keys and addresses.</param>
    /// <param name="needsChecksum">Whether it must have a checksum.</param>
    /// <param name="descriptor">The descriptor.</param>
    /// <param name="error">What is wrong with it, in Bitcoin Core's words.</param>
    public static bool TryParse(
        string text,
        NetworkParameters network,
        bool needsChecksum,
        [NotNullWhen(true)] out Descriptor? descriptor,
        out string error)
    {
        descriptor = null;
        if (!TryParseAll(text, network, needsChecksum, out IReadOnlyList<Descriptor> all, out error))
        {
            return false;
        }

        if (all.Count > 1)
        {
            error = "Multipath descriptor not accepted";
            return false;
        }

        descriptor = all[0];
        return true;
    }

    /// <summary>Parses a descriptor whose keys may have several paths, and which then stands for several.</summary>
    /// <param name="text">The text.</param>
    /// <param name="network">The network of its keys and addresses.</param>
    /// <param name="needsChecksum">Whether it must have a checksum.</param>
    /// <param name="descriptors">The descriptors, one for each path.</param>
    /// <param name="error">What is wrong with it, in Bitcoin Core's words.</param>
    public static bool TryParseAll(
        string text,
        NetworkParameters network,
        bool needsChecksum,
        out IReadOnlyList<Descriptor> descriptors,
        out string error)
    {
        ArgumentNullException.ThrowIfNull(text);
        descriptors = [];
        string[] parts = text.Split('#');
        if (parts.Length > 2)
        {
            error = "Multiple '#' symbols";
            return false;
        }

        if (parts.Length == 1 && needsChecksum)
        {
            error = "Missing checksum";
            return false;
        }

        if (parts.Length == 2 && parts[1].Length != DescriptorChecksum.Length)
        {
            error = $"Expected 8 character checksum, not {parts[1].Length} characters";
            return false;
        }

        if (DescriptorChecksum.Of(parts[0]) is not { } checksum)
        {
            error = "Invalid characters in payload";
            return false;
        }

        if (parts.Length == 2 && parts[1] != checksum)
        {
            error = $"Provided checksum '{parts[1]}' does not match computed checksum '{checksum}'";
            return false;
        }

        if (!Multipath.TryExpand(parts[0], out List<string> texts, out error))
        {
            return false;
        }

        List<Descriptor> parsed = [];
        foreach (string one in texts)
        {
            DescriptorParser parser = new(network);
            if (parser.Parse(one, DescriptorPlace.Top) is not { } descriptor)
            {
                error = parser.Error;
                return false;
            }

            parsed.Add(descriptor);
        }

        descriptors = parsed;
        return true;
    }

    /// <summary>The scripts at an index of the range.</summary>
    /// <exception cref="InvalidOperationException">A private key is needed.</exception>
    public abstract IEnumerable<Script> Expand(uint index);

    /// <summary>
    /// The scripts at an index of the range whose hashes <see cref="Expand"/> contains, from outside to inside.
    /// </summary>
    /// <exception cref="InvalidOperationException">A private key is needed.</exception>
    public virtual IEnumerable<Script> InnerScripts(uint index) => [];

    /// <summary>A descriptor of one script of the range, with its checksum.</summary>
    public virtual string DescribeAt(uint index, Script script, NetworkParameters network)
        => IsSolvable && ConcreteText.Of(this, index, script) is { } text
            ? DescriptorChecksum.Append(text)
            : Infer.Of(script, network);

    /// <summary>The text with the keys derived for an index of the range, each with its origin.</summary>
    internal virtual string ToText(uint index) => ToString();

    /// <summary>The text without private keys and without a checksum.</summary>
    public sealed override string ToString() => Format(static key => key.ToPublicText());

    /// <summary>The text without a checksum; <paramref name="keyText"/> formats the keys.</summary>
    public abstract string Format(Func<KeyExpression, string> keyText);

    /// <summary>The kind of its addresses; null for none, or for several.</summary>
    public virtual OutputType? OutputType => null;

    /// <summary>Whether all its scripts are of one kind.</summary>
    public virtual bool IsSingleType => true;

    /// <summary>How an output of a taproot descriptor can be spent; null for other descriptors.</summary>
    public virtual TaprootSpending? TaprootSpending(uint index) => null;

    internal static PubKey Derive(KeyExpression key, uint index)
        => key.Derive(index) ?? throw new InvalidOperationException("Cannot derive script without private keys");
}

/// <summary>The context of an expression in a descriptor.</summary>
internal enum DescriptorPlace
{
    Top,
    ScriptHash,
    WitnessScriptHash,
    Taproot,
}
