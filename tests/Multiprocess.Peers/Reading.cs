using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Multiprocess.Peers;

/// <summary>One figure of one library.</summary>
/// <param name="Figure">What was measured.</param>
/// <param name="Peer">The library; HTTP/2 is one too.</param>
/// <param name="Value">The median.</param>
/// <param name="Unit">In what.</param>
internal sealed record Reading(string Figure, string Peer, double Value, string Unit)
{
    // The encoder that leaves "µs" as it is.
    private static readonly ReadingJson s_json = new(new JsonSerializerOptions
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
    });

    public string ToJson() => JsonSerializer.Serialize(this, s_json.Reading);

    /// <summary>The value with about three digits.</summary>
    public string Number()
    {
        double digits = Value < 1 ? 0 : Math.Max(0, Math.Floor(Math.Log10(Value)) - 2);
        double rounded = Math.Round(Value / Math.Pow(10, digits)) * Math.Pow(10, digits);
        return Value == 0 ? "0"
            : Value < 10 ? Value.ToString("0.0", CultureInfo.InvariantCulture)
            : rounded.ToString("#,##0", CultureInfo.InvariantCulture);
    }
}

[JsonSerializable(typeof(Reading))]
internal sealed partial class ReadingJson : JsonSerializerContext;
