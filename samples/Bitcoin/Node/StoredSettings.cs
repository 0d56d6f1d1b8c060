using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
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
    /// <exception cref="InvalidDataException">It is no JSON object.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public void Load()
    {
        if (_path is null || !File.Exists(_path))
        {
            return;
        }

        try
        {
            lock (_gate)
            {
                _values = JsonNode.Parse(File.ReadAllBytes(_path)) as JsonObject ?? throw new JsonException("not an object");
            }
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"Settings file {_path} does not contain valid JSON: {exception.Message}", exception);
        }
    }

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

            if (value is null)
            {
                _values.Remove(name);
            }
            else
            {
                _values[name] = value.Parent is null ? value : value.DeepClone();
            }

            return action != SettingsAction.Write || TryWrite();
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
