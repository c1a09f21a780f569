using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Game;

/// <summary>A reference to one field of a component: <c>(ref s) =&gt; ref s.Position</c>.</summary>
public delegate ref TField FieldOf<T, TField>(ref T component);

/// <summary>Collects which bytes of a component are declared, and refuses what would break comparing and hashing it as bytes.</summary>
internal sealed class ComponentLayout<T>
    where T : unmanaged
{
    private readonly string _owner;
    private readonly string?[] _bytes = new string?[Unsafe.SizeOf<T>()];
    private readonly HashSet<string> _names = [];
    private readonly StringBuilder _text = new();
    private bool _isComplete;

    public ComponentLayout(string owner) => _owner = owner;

    /// <summary>Resolves a field to its byte offset, once, and marks its bytes as declared by <paramref name="name"/>.</summary>
    public int Declare<TField>(string name, FieldOf<T, TField> field)
        where TField : unmanaged
    {
        DeclaredName.Check(name, $"{_owner}: field", Limits.SchemaBytesMax);
        CheckOpen($"field '{name}'");
        Argument.Given(field, nameof(field), $"{_owner}.{name}: give a lambda that returns the field");
        if (!_names.Add(name))
        {
            throw new ArgumentException($"{_owner}: a field is declared as '{name}' twice; give each its own name");
        }

        T probe = default;
        ref TField target = ref field(ref probe);
        long offset = Unsafe.ByteOffset(ref Unsafe.As<T, byte>(ref probe), ref Unsafe.As<TField, byte>(ref target)).ToInt64();
        int size = Unsafe.SizeOf<TField>();
        if (StructPadding.IsIn(typeof(TField), size))
        {
            throw new ArgumentException($"{_owner}.{name}: {typeof(TField).Name} has padding; order or widen its fields so that they fill it");
        }

        if (offset < 0 || offset + size > _bytes.Length)
        {
            throw new ArgumentException($"{_owner}.{name}: the lambda must return a field of the {typeof(T).Name} that it was given");
        }

        _text.Append(name).Append('@').Append(offset).Append('+').Append(size).Append(' ');
        for (int i = (int)offset; i < offset + size; i++)
        {
            if (_bytes[i] is string other)
            {
                throw new ArgumentException($"{_owner}.{name}: byte {i} of {typeof(T).Name} is declared already by '{other}'");
            }

            _bytes[i] = name;
        }

        return (int)offset;
    }

    /// <summary>Every field as name@offset+size.</summary>
    public override string ToString() => _text.ToString();

    /// <summary>Refuses what is declared by a builder that was kept.</summary>
    public void CheckOpen(string what)
    {
        if (_isComplete)
        {
            throw new InvalidOperationException($"{_owner}: {what} is declared after its builder has returned; declare it in Define");
        }
    }

    /// <summary>Refuses bytes that no field declares: padding or a forgotten field.</summary>
    public void Complete(int sizeMax)
    {
        _isComplete = true;
        if (_bytes.Length > sizeMax)
        {
            throw new ArgumentException($"{_owner}: {typeof(T).Name} has {_bytes.Length} bytes, at most {sizeMax} are allowed");
        }

        if (_bytes.Length % 4 != 0)
        {
            throw new ArgumentException($"{_owner}: {typeof(T).Name} has {_bytes.Length} bytes; make it a multiple of 4");
        }

        var missing = new List<string>();
        for (int i = 0; i < _bytes.Length; i++)
        {
            if (_bytes[i] is null)
            {
                missing.Add(i.ToString(CultureInfo.InvariantCulture));
            }
        }

        if (missing.Count > 0)
        {
            throw new ArgumentException(
                $"{_owner}: bytes {string.Join(", ", missing)} of {typeof(T).Name} belong to no declared field; declare it (Owned for what only its owner needs) or remove the padding");
        }
    }
}
