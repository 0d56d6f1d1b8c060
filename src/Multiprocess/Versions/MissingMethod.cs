using Multiprocess.Serialization;

namespace Multiprocess.Versions;

/// <summary>The answer of a side whose contract lacks the method. It lists the methods that the contract has.</summary>
/// <remarks>
/// Sent as an <see cref="IpcException"/> whose members are the signatures, as an array of texts. User code never sees
/// it.
/// </remarks>
internal sealed class MissingMethod : IpcException
{
    /// <summary>The most signatures to send in total, in UTF-16 code units.</summary>
    private const int MaxLength = 32 * 1024;

    public MissingMethod(string contract, uint methodId, IReadOnlyList<string> signatures)
        : this(
            $"{contract} of the peer has no method with the id 0x{methodId:x8}: the two sides have different versions "
                + "of the contract.",
            signatures)
    {
    }

    private MissingMethod(string message, IReadOnlyList<string> signatures)
        : base(IpcErrorKind.MethodMissing, message)
        => Signatures = signatures;

    /// <summary>The signatures of the methods that the contract has on that side.</summary>
    public IReadOnlyList<string> Signatures { get; }

    public string WireName => typeof(IpcException).FullName!;

    public static MissingMethod Read(ref MessagePackReader reader)
    {
        if (reader.ReadStrictArrayHeader() < 5)
        {
            throw new IpcProtocolException("Expected an exception of 5 elements.");
        }

        reader.SkipStrict();
        string message = reader.ReadStrictString() ?? throw new IpcProtocolException("Expected a message, got nil.");
        reader.SkipStrict();
        var signatures = new List<string>();
        if (reader.PeekStrictType() == MessagePackType.Array)
        {
            for (int left = reader.ReadStrictArrayHeader(), length = 0; left > 0; left--)
            {
                string signature = reader.ReadStrictString() ?? "";
                length += signature.Length;
                if (length <= MaxLength)
                {
                    signatures.Add(signature);
                }
            }
        }
        else
        {
            reader.SkipStrict();
        }

        return new MissingMethod(message, signatures);
    }

    public void WriteMembers(ref MessagePackWriter writer)
    {
        int length = 0;
        List<string> sent = [.. Signatures.TakeWhile(signature => (length += signature.Length) <= MaxLength)];
        writer.WriteArrayHeader(sent.Count);
        foreach (string signature in sent)
        {
            writer.WriteStrict(signature);
        }
    }
}
