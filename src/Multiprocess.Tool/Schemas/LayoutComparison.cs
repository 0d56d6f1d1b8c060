using System.Globalization;

namespace Multiprocess.Tool.Schemas;

/// <summary>Compares a struct of a schema with the struct that a contract has in its place.</summary>
/// <remarks>
/// By the rules of Cap'n Proto's evolution: what only the schema has is left out by the contract, which sends the
/// default and does not see what it receives. What only the contract has would be lost, and a field that is at another
/// place, or is another type, would be read as something else.
/// </remarks>
internal static class LayoutComparison
{
    /// <summary>The differences. Those that begin with "breaks" make calls wrong.</summary>
    /// <param name="schema">The struct in the schema, as text.</param>
    /// <param name="contract">The struct in the contract, as text.</param>
    /// <param name="path">Where it is used.</param>
    public static IEnumerable<string> Compare(string schema, string contract, string path)
        => schema == contract ? [] : Compare(LayoutTree.Parse(schema), LayoutTree.Parse(contract), path);

    private static IEnumerable<string> Compare(LayoutTree schema, LayoutTree contract, string path)
    {
        foreach (LayoutField field in schema.Fields)
        {
            if (contract.Find(field) is not { } other)
            {
                yield return $"differs: {path}: expected {field}, got none";
                continue;
            }

            foreach (string difference in Compare(field, other, path))
            {
                yield return difference;
            }
        }

        foreach (LayoutField field in contract.Fields.Where(field => schema.Find(field) is null))
        {
            // A field becomes the first case of a union in a later schema.
            LayoutField? inUnion = schema.Fields.Where(union => union.Cases.Count > 0 && contract.Find(union) is null)
                .Select(union => union.Cases.TryGetValue(0, out LayoutTree? first) ? first.Find(field) : null)
                .FirstOrDefault(found => found is not null);
            if (inUnion is null)
            {
                yield return $"breaks: {path}: expected no field, got {field}";
                continue;
            }

            foreach (string difference in Compare(inUnion, field, path + ", case 0"))
            {
                yield return difference;
            }
        }
    }

    private static IEnumerable<string> Compare(LayoutField schema, LayoutField contract, string path)
    {
        if (schema.Cases.Count > 0 && contract.Cases.Count > 0)
        {
            foreach (var (tag, fields) in schema.Cases)
            {
                if (!contract.Cases.TryGetValue(tag, out LayoutTree? other))
                {
                    yield return $"differs: {path}: expected the case {Number(tag)} of {schema.Name}, got none; "
                        + "receiving it is an error";
                    continue;
                }

                foreach (string difference in Compare(fields, other, $"{path}, case {Number(tag)} of {schema.Name}"))
                {
                    yield return difference;
                }
            }

            foreach (int tag in contract.Cases.Keys.Where(tag => !schema.Cases.ContainsKey(tag)))
            {
                yield return $"breaks: {path}: expected no case {Number(tag)} of {schema.Name}, got one";
            }
        }
        else if (schema.Struct is { } inner && contract.Struct is { } other && schema.Head == contract.Head)
        {
            foreach (string difference in Compare(inner, other, $"{path}, in {schema.Name}"))
            {
                yield return difference;
            }
        }
        else if (schema.ToString() != contract.ToString())
        {
            yield return $"breaks: {path}: expected {schema}, got {contract}";
        }
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
