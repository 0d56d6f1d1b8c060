using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using Bitcoin.Hosting;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;

namespace Bitcoin.Node;

/// <summary>settings.json: what is changed while the node runs, and holds at the next start.</summary>
public sealed class StoredSettings
{
    private static readonly JsonSerializerOptions s_format = new() { WriteIndented = true };

    private readonly Lock _gate = new();
    private readonly string? _path;

    // Under the gate.
    private JsonObject _values = [];

    /// <summary>Settings in a file that need not exist; null to keep them in memory.</summary>
    public StoredSettings(string? path) => _path = path;

    /// <summary>Reads the file, if there is one.</summary>
    /// <param name="known">The names of settings; others are kept, and warned of.</param>
    /// <param name="log">Where warnings go.</param>
    /// <exception cref="InvalidDataException">It is no JSON object, or one with a name twice.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public void Load(IEnumerable<string> known, DebugLog log)
    {
        if (_path is null || !File.Exists(_path))
        {
            return;
        }

        JsonObject values = Parse(File.ReadAllBytes(_path), _path);
        foreach (string name in values.Select(static pair => pair.Key).Except(known))
        {
            log.Write($"Warning: Ignoring unknown rw_settings value {name}");
        }

        lock (_gate)
        {
            _values = values;
        }
    }

    /// <summary>The texts of a value that may be one text, a list of them, or nothing; null when it is something else.</summary>
    public static IReadOnlyList<string>? Texts(JsonNode? value)
    {
        IEnumerable<JsonNode?> all = value is null ? [] : value is JsonArray list ? list : [value];
        return all.All(static one => one?.GetValueKind() == JsonValueKind.String) ? [.. all.Select(static one => one!.GetValue<string>())] : null;
    }

    private static JsonObject Parse(byte[] bytes, string path)
    {
        JsonDocument document;
        try
        {
            document = Utf8.IsValid(bytes) ? JsonDocument.Parse(bytes) : throw new JsonException("Expected UTF-8.");
        }
        catch (JsonException exception)
        {
            throw Unreadable(
                $"Settings file {path} does not contain valid JSON. This may be caused by a crash, power loss, full disk, or storage error, and can be fixed by removing the file, which will reset settings to default values.",
                exception);
        }

        using (document)
        {
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw Unreadable($"Found non-object value {document.RootElement.GetRawText()} in settings file {path}");
            }

            JsonObject values = [];
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                try
                {
                    if (!values.TryAdd(property.Name, JsonNode.Parse(property.Value.GetRawText(), documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false })))
                    {
                        throw Unreadable($"Found duplicate key {property.Name} in settings file {path}");
                    }
                }
                catch (Exception exception) when (exception is JsonException or InvalidOperationException)
                {
                    throw Unreadable($"Settings file {path} has a value that cannot be read: {exception.Message}", exception);
                }
            }

            return values;
        }
    }

    private static InvalidDataException Unreadable(string detail, Exception? inner = null) => new($"Settings file could not be read:\n- {detail}", inner);

    /// <summary>A value; null for none.</summary>
    public JsonNode? Get(string name)
    {
        lock (_gate)
        {
            return _values[name]?.DeepClone();
        }
    }

    /// <summary>Looks at a value and changes it, while nobody else does.</summary>
    /// <returns>False when it could not be written.</returns>
    public bool Update(string name, SettingsUpdate update)
    {
        lock (_gate)
        {
            JsonNode? value = _values[name]?.DeepClone();
            SettingsAction? action = update(ref value);
            if (action is null)
            {
                return true;
            }

            JsonNode? before = _values[name]?.DeepClone();
            Set(name, value);
            if (action != SettingsAction.Write || TryWrite())
            {
                return true;
            }

            // What is not on the disk does not hold.
            Set(name, before);
            return false;
        }
    }

    private void Set(string name, JsonNode? value)
    {
        if (value is null)
        {
            _values.Remove(name);
        }
        else
        {
            _values[name] = value.Parent is null ? value : value.DeepClone();
        }
    }

    private bool TryWrite()
    {
        try
        {
            if (_path is not null)
            {
                SafeFile.Write(_path, Encoding.UTF8.GetBytes(_values.ToJsonString(s_format)));
            }

            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
