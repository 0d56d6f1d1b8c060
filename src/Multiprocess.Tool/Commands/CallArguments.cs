using System.Text.Json;
using System.Text.Json.Nodes;
using Multiprocess.Tool.Contracts;
using Multiprocess.Tool.Values;

namespace Multiprocess.Tool.Commands;

/// <summary>The arguments of a call as they were typed: words in order, or JSON.</summary>
/// <param name="Words">The words.</param>
/// <param name="Json">The JSON; null if there is none.</param>
internal sealed record CallArguments(IReadOnlyList<string> Words, string? Json)
{
    /// <summary>Chooses the method with the given name that takes the arguments.</summary>
    /// <exception cref="InputException">No method takes them, or more than one does.</exception>
    public Method Choose(Contract contract, string name)
    {
        Method[] named = [.. contract.Methods.Where(method => method.Name == name || method.MemberName == name)];
        if (named.Length == 0)
        {
            named =
                [
                    .. contract.Methods.Where(
                        method => string.Equals(method.MemberName, name, StringComparison.OrdinalIgnoreCase)),
                ];
        }

        if (named.Length == 0)
        {
            throw new InputException(
                $"{contract.Name} has no method, property or event '{IpcText.Escape(name)}'. It has "
                    + $"{string.Join(", ", contract.Methods.Select(method => method.MemberName).Distinct())}.");
        }

        if (named.All(method => method.Accessor is Accessor.Add or Accessor.Remove))
        {
            throw new InputException($"{contract.Name}.{name} is an event: watch it.");
        }

        Method[] fitting = [.. named.Where(Fits)];

        // As in C#, a method whose arguments are all given is preferred to a method with omitted arguments.
        Method[] complete = [.. fitting.Where(method => Expected(method).Length == Count)];
        Method[] best = complete.Length > 0 ? complete : fitting;
        return best.Length == 1 ? best[0]
            : best.Length > 1
                && best.FirstOrDefault(method => method.Name == name) is { } exact
                && best.Count(method => method.Name == name) == 1 ? exact
            : throw new InputException(
                $"{contract.Name}.{name}: Expected arguments of {(fitting.Length == 0 ? "" : "only one of ")}"
                    + $"{string.Join(" or ", named.Select(Declare))}, got {Describe()}.");
    }

    /// <summary>Whether there is a method of the name for which these are the arguments.</summary>
    public bool FitAny(Contract contract, string name)
        => contract.Methods.Any(method => method.MemberName == name && Fits(method));

    /// <summary>The values by the names of the parameters.</summary>
    public IReadOnlyDictionary<string, JsonNode?> For(ContractBook book, Method method)
    {
        Parameter[] expected = Expected(method);
        JsonNode? parsed = Parse();
        var values = new Dictionary<string, JsonNode?>();
        for (int i = 0; i < expected.Length; i++)
        {
            Parameter parameter = expected[i];
            values[parameter.Name] = parsed switch
            {
                null when i < Words.Count && parameter.Default is { IsParams: true } => Rest(book, parameter, i),
                null when i < Words.Count => Value(book, parameter, Words[i]),
                JsonArray items when i < items.Count => items[i],
                JsonObject members when Find(members, parameter, out JsonNode? value) => value,
                _ => LeftOut(book, parameter),
            };
        }

        return values;
    }

    /// <summary>
    /// The words from an index on, for a parameter that takes any number of values: one value per word, or one word for
    /// the whole collection.
    /// </summary>
    private JsonNode? Rest(ContractBook book, Parameter parameter, int from)
    {
        JsonNode? first = Value(book, parameter, Words[from]);
        return parameter.Type.Arguments.Count != 1
            || TypeFamilies.IsBytes(parameter.Type)
            || (from == Words.Count - 1 && first is null or JsonArray)
            ? first
            : new JsonArray(
                [
                    .. Words.Skip(from).Select(
                        word => Value(book, parameter with { Type = parameter.Type.Arguments[0] }, word)),
                ]);
    }

    /// <summary>The parameters that can get arguments.</summary>
    private static Parameter[] Expected(Method method)
        => [.. method.Sent.Where(parameter => parameter.Passing != Passing.Sender)];

    /// <summary>The value of a parameter for which there is no argument.</summary>
    private static JsonNode? LeftOut(ContractBook book, Parameter parameter)
        => parameter.Default is null ? null
            : Defaults.TryGet(book, parameter, parameter.Default, out JsonNode? value) ? value
            : throw new InputException(
                $"{parameter.Name}: Expected a value of {parameter.Type}, whose default is not known here, got none.");

    private static bool Find(JsonObject members, Parameter parameter, out JsonNode? value)
    {
        foreach ((string name, JsonNode? member) in members)
        {
            if (string.Equals(name, parameter.Name, StringComparison.OrdinalIgnoreCase))
            {
                value = member;
                return true;
            }
        }

        value = null;
        return false;
    }

    private static string Declare(Method method) => $"({string.Join(", ", Expected(method).Select(Declare))})";

    private static string Declare(Parameter parameter)
        => $"{parameter.Type} {parameter.Name}"
            + (parameter.Default is null ? "" : $" = {(parameter.IsSensitive ? "***" : parameter.Default.Text)}");

    /// <summary>How many arguments there are.</summary>
    private int Count => Parse() switch
    {
        null => Words.Count,
        JsonArray items => items.Count,
        JsonObject members => members.Count,
        _ => throw new InputException("Arguments: Expected a JSON object or array."),
    };

    private string Describe() => Json is null ? $"{Words.Count}" : "those";

    private bool Fits(Method method)
    {
        Parameter[] expected = Expected(method);
        int given = Count;
        return Parse() is JsonObject members
            ? members.All(
                member => expected.Any(
                    parameter => string.Equals(parameter.Name, member.Key, StringComparison.OrdinalIgnoreCase)))
                && expected.All(
                    parameter => parameter.Type.IsNullable
                        || parameter.Default is not null
                        || Find(members, parameter, out _))
            : (given <= expected.Length || (Json is null && expected is [.., { Default.IsParams: true }]))
                && expected.Skip(given).All(parameter => parameter.Default is not null);
    }

    private JsonNode? Parse()
    {
        if (Json is null)
        {
            return null;
        }

        if (Words.Count > 0)
        {
            throw new InputException("Arguments: Expected words or JSON, got both.");
        }

        try
        {
            return JsonNode.Parse(Json)
                ?? throw new InputException("Arguments: Expected a JSON object or array, got null.");
        }
        catch (JsonException exception)
        {
            throw new InputException($"Arguments: {exception.Message}", exception);
        }
    }

    /// <summary>
    /// Converts a word to a value: text for a text parameter, otherwise JSON if the word is valid JSON.
    /// </summary>
    private static JsonNode? Value(ContractBook book, Parameter parameter, string word)
    {
        if (word == "null" && parameter.Type.IsNullable)
        {
            return null;
        }

        bool isText = !parameter.IsConverted
            && (TypeFamilies.IsText(parameter.Type.Name)
                || parameter.Type.Name == "System.Char"
                || book.FindShape(parameter.Type) is { Kind: ShapeKind.Enum });
        if (isText)
        {
            return JsonValue.Create(word);
        }

        try
        {
            return JsonNode.Parse(word);
        }
        catch (JsonException)
        {
            return JsonValue.Create(word);
        }
    }
}
