using System.Text.Json;
using System.Text.Json.Nodes;

namespace Multiprocess.Tool.Contracts;

/// <summary>The value of an omitted argument or member, as a description has it. Immutable.</summary>
/// <param name="Text">JSON, or one of the words <c>default</c> and <c>params</c>.</param>
internal sealed record DefaultValue(string Text)
{
    /// <summary>Whether it is the default of the place's type.</summary>
    public bool IsOfType => Text == "default";

    /// <summary>Whether the place takes any number of values, including none.</summary>
    public bool IsParams => Text == "params";

    /// <summary>Parses a value; null for a form that only a later version of the protocol knows.</summary>
    public static DefaultValue? Parse(string text)
    {
        var value = new DefaultValue(text);
        try
        {
            _ = value.Json;
            return value;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The value as JSON; null for the words, and for null.</summary>
    public JsonNode? Json => IsOfType || IsParams ? null : JsonNode.Parse(Text);
}
