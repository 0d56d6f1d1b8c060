using System.Text.Json;
using System.Text.Json.Nodes;
using Multiprocess.Tool.Contracts;
using Multiprocess.Tool.Values;

namespace Multiprocess.Tool.Commands;

/// <summary>The arguments of a call as they were typed: words in their order, or JSON.</summary>
/// <param name="Words">The words.</param>
/// <param name="Json">The JSON; null for none.</param>
internal sealed record CallArguments(IReadOnlyList<string> Words, string? Json)
{
    /// <summary>Chooses the method of a name for which there are arguments.</summary>
    /// <exception cref="InputException">There is none, or more than one.</exception>
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
                $"{contract.Name} has no method '{IpcText.Escape(name)}'. It has "
                    + $"{string.Join(", ", contract.Methods.Select(method => method.MemberName).Distinct())}.");
        }

        if (named.All(method => method.Accessor is Accessor.Add or Accessor.Remove))
        {
            throw new InputException($"{contract.Name}.{name} is an event: watch it.");
        }

        Method[] fitting = [.. named.Where(Fits)];
        return fitting.Length == 1 ? fitting[0]
            : fitting.Length > 1
                && fitting.FirstOrDefault(method => method.Name == name) is { } exact
                && fitting.Count(method => method.Name == name) == 1 ? exact
            : throw new InputException(
                $"{contract.Name}.{name}: expected arguments of "
                    + $"{(fitting.Length == 0 ? "" : "only one of ")}{string.Join(" or ", named.Select(method => $"({string.Join(", ", method.Sent.Select(parameter => $"{parameter.Type} {parameter.Name}"))})"))}, got {Describe()}.");
    }

    /// <summary>The values by the names of the parameters.</summary>
    public IReadOnlyDictionary<string, JsonNode?> For(ContractBook book, Method method)
    {
        Parameter[] sent = [.. method.Sent.Where(parameter => parameter.Passing != Passing.Sender)];
        switch (Parse())
        {
            case null:
                return sent.Zip(Words).ToDictionary(
                    pair => pair.First.Name, pair => Value(book, pair.First, pair.Second));
            case JsonArray items:
                return sent.Zip(items).ToDictionary(pair => pair.First.Name, pair => pair.Second);
            case JsonObject members:
                return sent.ToDictionary(
                    parameter => parameter.Name,
                    parameter => members.FirstOrDefault(
                        member => string.Equals(member.Key, parameter.Name, StringComparison.OrdinalIgnoreCase)).Value);
            default:
                throw new InputException("Arguments: expected a JSON object or array.");
        }
    }

    private string Describe() => Json is null ? $"{Words.Count}" : "those";

    private bool Fits(Method method)
    {
        Parameter[] sent = [.. method.Sent.Where(parameter => parameter.Passing != Passing.Sender)];
        return Parse() switch
        {
            null => sent.Length == Words.Count,
            JsonArray items => sent.Length == items.Count,
            JsonObject members
                => members.All(
                    member => sent.Any(
                        parameter => string.Equals(parameter.Name, member.Key, StringComparison.OrdinalIgnoreCase)))
                && sent.All(
                    parameter => parameter.Type.IsNullable || members.Any(
                        member => string.Equals(parameter.Name, member.Key, StringComparison.OrdinalIgnoreCase))),
            _ => false,
        };
    }

    private JsonNode? Parse()
    {
        if (Json is null)
        {
            return null;
        }

        if (Words.Count > 0)
        {
            throw new InputException("Arguments: expected words or JSON, got both.");
        }

        try
        {
            return JsonNode.Parse(Json)
                ?? throw new InputException("Arguments: expected a JSON object or array, got null.");
        }
        catch (JsonException exception)
        {
            throw new InputException($"Arguments: {exception.Message}", exception);
        }
    }

    /// <summary>A word as a value: a text as it stands, everything else as JSON if it is.</summary>
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
