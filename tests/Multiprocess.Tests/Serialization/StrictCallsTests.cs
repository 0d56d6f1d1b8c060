using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using Multiprocess.Serialization;

namespace Multiprocess.Tests.Serialization;

/// <summary>Holds the runtime to its strict reader and writer, by the calls in what was compiled.</summary>
public sealed class StrictCallsTests
{
    /// <summary>
    /// What the package's reader takes laxly, or refuses by exceptions of its own. What peeks and copies is harmless.
    /// </summary>
    private static bool IsLax(string type, string method) => type switch
    {
        "MessagePackReader" => method.StartsWith("Read", StringComparison.Ordinal)
            || method.StartsWith("TryRead", StringComparison.Ordinal)
            || method is "Skip" or "TrySkip",
        _ => false,
    };

    [Test]
    public void Nothing_but_the_strict_reader_reads_through_the_package()
    {
        List<string> callers = Callers(IsLax);

        Assert.That(
            callers.Where(caller => caller.Contains(nameof(StrictReader), StringComparison.Ordinal)),
            Is.Not.Empty,
            "The scan sees calls.");
        Assert.That(callers.Where(caller => !caller.StartsWith("StrictReader.", StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public void No_text_is_written_but_by_the_strict_writer()
        => Assert.That(
            Callers((type, method) => type == "MessagePackWriter" && method is "Write(String)" or "WriteString"),
            Is.Empty);

    /// <summary>Which methods of the runtime call one of the package's: <c>Type.Method -> Method</c>.</summary>
    private static List<string> Callers(Func<string, string, bool> isBanned)
    {
        using FileStream file = File.OpenRead(typeof(StrictReader).Assembly.Location);
        using var image = new PEReader(file);
        MetadataReader metadata = image.GetMetadataReader();
        Dictionary<int, string> banned = [];
        foreach (MemberReferenceHandle handle in metadata.MemberReferences)
        {
            MemberReference member = metadata.GetMemberReference(handle);
            if (member.Parent.Kind != HandleKind.TypeReference)
            {
                continue;
            }

            string type = metadata.GetString(metadata.GetTypeReference((TypeReferenceHandle)member.Parent).Name);
            string name = metadata.GetString(member.Name);
            if (isBanned(type, name) || (TakesString(metadata, member) && isBanned(type, name + "(String)")))
            {
                banned.Add(MetadataTokens.GetToken(handle), name);
            }
        }

        List<string> callers = [];
        foreach (MethodDefinitionHandle handle in metadata.MethodDefinitions)
        {
            MethodDefinition method = metadata.GetMethodDefinition(handle);
            if (method.RelativeVirtualAddress == 0)
            {
                continue;
            }

            byte[] il = image.GetMethodBody(method.RelativeVirtualAddress).GetILBytes()!;
            string caller =
                $"{metadata.GetString(metadata.GetTypeDefinition(method.GetDeclaringType()).Name)}.{metadata.GetString(method.Name)}";
            for (int i = 0; i + 5 <= il.Length; i++)
            {
                // call and callvirt; an operand that looks like one and names such a method is all but impossible.
                if (il[i] is 0x28 or 0x6f && banned.TryGetValue(BitConverter.ToInt32(il, i + 1), out string? called))
                {
                    callers.Add($"{caller} -> {called}");
                }
            }
        }

        return callers;
    }

    /// <summary>Whether a method's first parameter is a string.</summary>
    private static bool TakesString(MetadataReader metadata, MemberReference member)
    {
        BlobReader signature = metadata.GetBlobReader(member.Signature);
        SignatureHeader header = signature.ReadSignatureHeader();
        if (header.Kind != SignatureKind.Method || header.IsGeneric || signature.ReadCompressedInteger() == 0)
        {
            return false;
        }

        return signature.ReadSignatureTypeCode() == SignatureTypeCode.Void
            && signature.ReadSignatureTypeCode() == SignatureTypeCode.String;
    }
}
