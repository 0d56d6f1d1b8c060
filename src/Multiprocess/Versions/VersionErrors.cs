using Multiprocess.Objects;

namespace Multiprocess.Versions;

/// <summary>The sentences for a method that is not there, or not as it is here.</summary>
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

    /// <summary>What the caller throws: the answer that its method is missing says which one, and what there is in its place.</summary>
    public static Exception Explain(Exception answer, ContractBinding contract, uint methodId)
    {
        if (answer is not MissingMethod missing)
        {
            return answer;
        }

        string? mine = contract.GetShape(methodId) is { } shape ? SignatureOf(shape) : null;
        string name = mine is null ? contract.GetMethodName(methodId) + "(" : mine[..(mine.IndexOf('(', StringComparison.Ordinal) + 1)];
        string[] others = [.. missing.Signatures.Where(signature => signature.StartsWith(name, StringComparison.Ordinal))];
        string found = missing.Signatures.Count == 0 ? ""
            : others.Length == 0 ? $" It has no method of that name in its {missing.Signatures.Count:N0}."
            : $" It has {string.Join(" and ", others)}.";
        return new IpcException(
            IpcErrorKind.MethodMissing,
            $"The peer's {contract.Name} lacks {mine ?? name + ")"}: the two sides have different versions of the contract.{found}");
    }

    private static string SignatureOf(string shape)
    {
        int end = shape.IndexOf('\n', StringComparison.Ordinal);
        return end < 0 ? shape : shape[..end];
    }
}
