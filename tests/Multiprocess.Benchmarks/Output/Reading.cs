using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Multiprocess.Benchmarks.Output;

/// <summary>One figure in one placement, as it is printed with <c>--json</c>.</summary>
/// <param name="Name">Which figure.</param>
/// <param name="Value">What was measured.</param>
/// <param name="Unit">In what.</param>
/// <param name="Ratio">
/// The ratio in which its target is stated; null for what is only measured to be compared with.
/// </param>
/// <param name="Placement">Where the processes ran.</param>
internal sealed record Reading(string Name, double Value, string Unit, double? Ratio, string Placement)
{
    // The encoder that leaves "µs" as it is.
    private static readonly ReadingJson s_json = new(new JsonSerializerOptions
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
    });

    public string ToJson() => JsonSerializer.Serialize(this, s_json.Reading);

    public static Reading FromJson(string line) => JsonSerializer.Deserialize(line, s_json.Reading)!;
}

[JsonSerializable(typeof(Reading))]
internal sealed partial class ReadingJson : JsonSerializerContext;
