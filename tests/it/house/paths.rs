//! The paths that a source names, whichever way they are spelled: in a `use` at any depth, grouped or renamed, in an
//! expression, a type or a macro, from `crate`, `self` or `super`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Names from the root of the crate to a module or to something in it; `crate` itself is left out.
pub type Module = Vec<String>;

/// How often a name may stand for another one.
const DEPTH: usize = 8;

/// What a path leads to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// Something of this crate.
    Own(Module),
    /// Something of another crate, whose name comes first.
    Other(Vec<String>),
}

/// The sources of a crate.
pub struct Crate {
    files: BTreeMap<Module, Code>,
    modules: BTreeSet<Module>,
    others: BTreeSet<String>,
}

/// What stands in one file. A scope is the file's module or one inside it.
#[derive(Default)]
pub struct Code {
    /// Each word that is no path, and its line.
    pub words: Vec<(String, usize)>,
    /// The line of each `use` of everything that a module has, which hides what is made use of.
    pub globs: Vec<usize>,
    /// The line of each path that begins with `super`.
    pub relative: Vec<usize>,
    paths: Vec<(Module, Vec<String>, usize)>,
    imports: BTreeMap<Module, Vec<Import>>,
    modules: BTreeSet<Module>,
}

/// `use path as name`
struct Import {
    name: String,
    path: Vec<String>,
}

impl Crate {
    /// Reads the files below a folder.
    pub fn read(folder: &Path) -> Crate {
        let files = files(folder).into_iter().map(|path| {
            let inside = path.strip_prefix(folder).unwrap().with_extension("");
            let mut module: Module = inside.iter().map(|name| name.to_str().unwrap().to_owned()).collect();
            if module.last().is_some_and(|name| name == "mod") {
                module.pop();
            }
            (module, fs::read_to_string(path).unwrap())
        });
        Crate::new(files)
    }

    /// Takes files as they are: `("provider::apply", "use crate::upgrade::step::Step;")`.
    pub fn of(files: &[(&str, &str)]) -> Crate {
        let module = |path: &str| path.split("::").map(str::to_owned).collect();
        Crate::new(files.iter().map(|(path, text)| (module(path), (*text).to_owned())))
    }

    fn new(files: impl Iterator<Item = (Module, String)>) -> Crate {
        let files: BTreeMap<Module, Code> = files
            .map(|(module, text)| {
                let code = Code::of(&text, &module);
                (module, code)
            })
            .collect();
        let inner = files.values().flat_map(|code| code.modules.iter().cloned());
        let modules = files.keys().cloned().chain(inner).collect();
        let manifest: toml::Table = include_str!("../../../Cargo.toml").parse().unwrap();
        let others = manifest["dependencies"].as_table().unwrap().keys().map(|name| name.replace('-', "_"));
        let others = others.chain(["std", "core", "alloc"].map(str::to_owned)).collect();
        Crate { files, modules, others }
    }

    pub fn files(&self) -> impl Iterator<Item = (&Module, &Code)> {
        self.files.iter()
    }

    /// Returns what a file names, and where.
    pub fn named(&self, code: &Code) -> Vec<(Target, usize)> {
        let of = |(scope, path, line): &(Module, Vec<String>, usize)| {
            self.resolved(scope, path, 0).into_iter().map(|target| (target, *line)).collect::<Vec<_>>()
        };
        code.paths.iter().flat_map(of).collect()
    }

    /// Returns which file names something of which, a module and its own submodules aside.
    pub fn imports(&self) -> BTreeMap<Module, BTreeSet<Module>> {
        let of = |(me, code): (&Module, &Code)| {
            let named = self.named(code).into_iter().filter_map(|(target, _)| match target {
                Target::Own(path) => self.file(&path),
                Target::Other(_) => None,
            });
            let others = named.filter(|other| !other.starts_with(me) && !me.starts_with(other));
            (me.clone(), others.collect())
        };
        self.files().map(of).collect()
    }

    /// Returns the file that holds what a path leads to.
    fn file(&self, path: &[String]) -> Option<Module> {
        (1..=path.len()).rev().map(|length| path[..length].to_vec()).find(|one| self.files.contains_key(one))
    }

    /// Returns what a path may lead to from a scope; nothing for a local name.
    fn resolved(&self, scope: &Module, path: &[String], depth: usize) -> Vec<Target> {
        let Some((first, rest)) = path.split_first().filter(|_| depth < DEPTH) else { return Vec::new() };
        let up = path.iter().take_while(|name| *name == "super").count();
        if first == "crate" {
            return self.exported(rest.to_vec(), depth);
        } else if first == "self" {
            return self.resolved(scope, &[&["crate".to_owned()], scope.as_slice(), rest].concat(), depth);
        } else if up > 0 {
            return self.exported([&scope[..scope.len().saturating_sub(up)], &path[up..]].concat(), depth);
        }
        let imported = self.imported(scope, first).into_iter().filter(|path| path.first() != Some(first));
        let imported: Vec<_> =
            imported.flat_map(|path| self.resolved(scope, &[&path, rest].concat(), depth + 1)).collect();
        let child = [scope, std::slice::from_ref(first)].concat();
        if !imported.is_empty() {
            imported
        } else if self.modules.contains(&child) {
            self.exported([scope, path].concat(), depth)
        } else if self.others.contains(first) {
            vec![Target::Other(path.to_vec())]
        } else {
            Vec::new()
        }
    }

    /// Follows what a module hands on: `pub use`.
    fn exported(&self, path: Module, depth: usize) -> Vec<Target> {
        let length = (0..=path.len()).rev().find(|length| self.modules.contains(&path[..*length]));
        let (module, rest) = path.split_at(length.unwrap_or(0));
        let Some((name, rest)) = rest.split_first() else { return vec![Target::Own(path)] };
        let module = module.to_vec();
        let handed = self.imported(&module, name);
        let targets: Vec<_> = handed
            .iter()
            .flat_map(|path| self.resolved(&module, &[path, rest].concat(), depth + 1))
            .collect();
        if targets.is_empty() { vec![Target::Own(path)] } else { targets }
    }

    fn imported(&self, scope: &Module, name: &str) -> Vec<Vec<String>> {
        let imports = self.file(scope).and_then(|file| self.files[&file].imports.get(scope));
        let imports = imports.into_iter().flatten();
        imports.filter(|import| import.name == name).map(|import| import.path.clone()).collect()
    }
}

/// Returns the Rust files below a folder.
pub fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}

impl Code {
    fn of(text: &str, module: &Module) -> Code {
        let mut code = Code::default();
        code.read(text.parse().unwrap(), module);
        let relative = code.paths.iter().filter(|(_, path, _)| path[0] == "super");
        code.relative = relative.map(|(_, _, line)| *line).collect();
        code
    }

    fn read(&mut self, stream: TokenStream, scope: &Module) {
        let tokens: Vec<TokenTree> = stream.into_iter().collect();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            let next = &tokens[at + 1..];
            match token {
                TokenTree::Group(group) => self.read(group.stream(), scope),
                TokenTree::Ident(word) if word == "use" && !is_punct(next.first(), '<') => {
                    let end = next.iter().position(|token| is_punct(Some(token), ';')).unwrap();
                    self.import(&next[..end], &[], scope);
                    at += end;
                }
                TokenTree::Ident(word) if word == "mod" => {
                    if let Some(TokenTree::Ident(name)) = next.first() {
                        let inner = [scope.as_slice(), &[name.to_string()]].concat();
                        self.modules.insert(inner.clone());
                        at += 1;
                        if let Some(TokenTree::Group(body)) = next.get(1) {
                            self.read(body.stream(), &inner);
                            at += 1;
                        }
                    }
                }
                // Who may see something is nothing that is made use of.
                TokenTree::Ident(word) if word == "pub" && is_group(next.first(), Delimiter::Parenthesis) => {
                    at += 1;
                }
                TokenTree::Ident(word) => {
                    let (path, length) = path(&tokens[at..]);
                    let line = word.span().start().line;
                    if path.len() > 1 {
                        self.paths.push((scope.clone(), path, line));
                    } else {
                        self.words.push((word.to_string(), line));
                    }
                    at += length - 1;
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
            at += 1;
        }
    }

    /// Reads the tree of a `use`: `a::{b, c as d, e::{self, f}, g::*}`.
    fn import(&mut self, tokens: &[TokenTree], before: &[String], scope: &Module) {
        for tree in tokens.split(|token| is_punct(Some(token), ',')) {
            let start = tree.iter().take_while(|token| is_punct(Some(token), ':')).count();
            let tree = &tree[start..];
            let Some(first) = tree.first() else { continue };
            let line = first.span().start().line;
            let (names, length) = path(tree);
            let whole = [before, &names].concat();
            match tree.last() {
                Some(TokenTree::Group(group)) => {
                    let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                    self.import(&inner, &whole, scope);
                    continue;
                }
                Some(TokenTree::Punct(_)) => {
                    self.globs.push(line);
                    continue;
                }
                _ => {}
            }
            let path = if whole.last().is_some_and(|name| name == "self") && whole.len() > 1 {
                whole[..whole.len() - 1].to_vec()
            } else {
                whole
            };
            let renamed = tree.get(length..).filter(|rest| rest.len() == 2).map(|rest| rest[1].to_string());
            let name = renamed.or_else(|| path.last().cloned()).unwrap();
            self.imports.entry(scope.clone()).or_default().push(Import { name, path: path.clone() });
            self.paths.push((scope.clone(), path, line));
        }
    }
}

/// Returns the path at the head of tokens, and how many tokens it takes.
fn path(tokens: &[TokenTree]) -> (Vec<String>, usize) {
    let (mut names, mut length) = (Vec::new(), 0);
    while let Some(TokenTree::Ident(name)) = tokens.get(length) {
        names.push(name.to_string().trim_start_matches("r#").to_owned());
        length += 1;
        if !(is_punct(tokens.get(length), ':') && is_punct(tokens.get(length + 1), ':')) {
            break;
        }
        if let Some(TokenTree::Ident(_)) = tokens.get(length + 2) {
            length += 2;
        }
    }
    (names, length.max(1))
}

fn is_punct(token: Option<&TokenTree>, mark: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == mark)
}

fn is_group(token: Option<&TokenTree>, delimiter: Delimiter) -> bool {
    matches!(token, Some(TokenTree::Group(group)) if group.delimiter() == delimiter)
}
