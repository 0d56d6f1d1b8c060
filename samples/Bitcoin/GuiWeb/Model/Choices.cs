using System.Text.Json;

namespace Bitcoin.GuiWeb.Model;

/// <summary>The display choices of the user. Stored in a file, for all windows. Thread-safe.</summary>
internal sealed class Choices
{
    private const string FileName = "gui.json";

    private readonly Lock _gate = new();

    // Guarded by the gate.
    private string _path;
    private Values _values;

    private Choices(string path, Values values)
    {
        _path = path;
        _values = values;
    }

    /// <summary>Called after a choice, on the thread that made it.</summary>
    internal event Action? Changed;

    /// <summary>The current choices.</summary>
    internal Values Now
    {
        get
        {
            lock (_gate)
            {
                return _values;
            }
        }
    }

    /// <summary>Reads the file. A missing or invalid file gives the defaults.</summary>
    internal static Choices Load(string directory)
    {
        string path = Path.Combine(directory, FileName);
        return new Choices(path, Read(path));
    }

    /// <summary>Goes on with the file of another directory.</summary>
    internal void Move(string directory)
    {
        string path = Path.Combine(directory, FileName);
        Values values = Read(path);
        lock (_gate)
        {
            _path = path;
            _values = values;
        }

        Changed?.Invoke();
    }

    /// <summary>Makes a choice and stores it.</summary>
    /// <returns>Why it could not be stored, for the user; null for success.</returns>
    internal string? Choose(Func<Values, Values> choose)
    {
        string? error = null;
        lock (_gate)
        {
            Values chosen = choose(_values);
            if (chosen == _values)
            {
                return null;
            }

            _values = chosen;
            try
            {
                // Writes another file and renames it: a program that ends in between leaves the old file.
                string next = _path + ".new";
                File.WriteAllText(next, JsonSerializer.Serialize(chosen));
                File.Move(next, _path, overwrite: true);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                error = exception.Message;
            }
        }

        Changed?.Invoke();
        return error;
    }

    private static Values Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<Values>(File.ReadAllText(path)) ?? new Values();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            return new Values();
        }
    }

    /// <summary>The choices.</summary>
    /// <param name="Unit">The unit of amounts.</param>
    /// <param name="Language">"en" or "de"; empty for the language of the browser.</param>
    /// <param name="IsDark">Whether the page is dark; null for the setting of the system.</param>
    /// <param name="Wallet">The last shown wallet.</param>
    internal sealed record Values(
        AmountUnit Unit = AmountUnit.Btc,
        string Language = "",
        bool? IsDark = null,
        string Wallet = "");
}
