using Multiprocess.Objects;

namespace Multiprocess.Versions;

/// <summary>The error messages for a method that is missing, or different, on the other side.</summary>
internal static class VersionErrors
{
    /// <summary>The signatures of a contract's methods.</summary>
    public static List<string> SignaturesOf(ContractBinding contract)
    {
        var signatures = new List<string>();
        foreach (uint id in contract.MethodIds)
        {
            if (contract.GetShape(id) is { } shape)
            {
                signatures.Add(SignatureOf(shape));
            }
        }

        return signatures;
    }

    /// <summary>
    /// The exception that the caller throws: for the answer that a method is missing, it names the method and similar
    /// methods of the peer.
    /// </summary>
    public static Exception Explain(Exception answer, ContractBinding contract, uint methodId)
    {
        if (answer is not MissingMethod missing)
        {
            return answer;
        }

        string? mine = contract.GetShape(methodId) is { } shape ? SignatureOf(shape) : null;
        string name = mine is null
            ? contract.GetMethodName(methodId) + "("
            : mine[..(mine.IndexOf('(', StringComparison.Ordinal) + 1)];
        string[] others =
            [.. missing.Signatures.Where(signature => signature.StartsWith(name, StringComparison.Ordinal))];
        string found = missing.Signatures.Count == 0 ? ""
            : others.Length == 0 ? $" It has no method of that name in its {missing.Signatures.Count:N0}."
            : $" It has {string.Join(" and ", others)}.";
        return new IpcException(
            IpcErrorKind.MethodMissing,
            $"The peer's {contract.Name} lacks {mine ?? name + ")"}: the two sides have different versions of the "
                + $"contract.{found}");
    }

    private static string SignatureOf(string shape)
    {
        int end = shape.IndexOf('\n', StringComparison.Ordinal);
        return end < 0 ? shape : shape[..end];
    }
}
